output "rules" {
  description = "The lines of each host, as `iptables -S` and `ip6tables -S` print them."
  value = {
    for host in keys(var.hosts) : host => concat(
      flatten([for key, service in local.services : iptables_service.allowed[key].rules if service.host == host]),
      iptables_default_policy.input[host].rules,
    )
  }
}
