output "open" {
  description = "What listens and is reached, and from where."
  value       = local.tables.open
}

output "listens_but_is_not_allowed" {
  description = "What listens, and the firewall lets nobody reach: a rule that is missing, or a program that need not listen."
  value       = local.tables.not_allowed
}

output "allowed_but_does_not_listen" {
  description = "What the firewall lets somebody reach, and nothing listens on: a rule that is left over, or a program that does not run."
  value       = local.tables.not_listened
}
