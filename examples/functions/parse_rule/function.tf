locals {
  rule = provider::iptables::parse_rule("iptables -A INPUT -s 203.0.113.0/24 -p tcp --dport 22 -j ACCEPT")
}

# { chain = "INPUT", source = "203.0.113.0/24", destination_ports = ["22"], target = "ACCEPT" }
output "rule" {
  value = {
    chain             = local.rule.chain
    source            = local.rule.source
    destination_ports = local.rule.destination_ports
    target            = local.rule.target
  }
}
