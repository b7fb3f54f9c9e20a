output "database_clients" {
  description = "Who reaches the database, by the planned rules."
  value       = provider::iptables::reachable(local.rules, { port = 3306 }).sources
}
