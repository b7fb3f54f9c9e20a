output "rules" {
  description = "The lines, as `iptables -S` and `ip6tables -S` print them."
  value = concat(
    flatten(values(iptables_service.allowed)[*].rules),
    flatten(values(iptables_rule.replies)[*].rules),
    iptables_default_policy.input.rules,
  )
}
