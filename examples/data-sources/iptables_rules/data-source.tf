# Who has opened ports to everybody?
data "iptables_rules" "open" {
  host   = "web1.example.com"
  table  = "filter"
  chain  = "INPUT"
  target = "ACCEPT"
}

output "open_ports" {
  value = distinct(flatten([
    for rule in data.iptables_rules.open.parsed : rule.destination_ports if rule.source == null
  ]))
}

# What has somebody typed on this host that is in no configuration?
resource "iptables_service" "ssh" {
  host = "web1.example.com"
  name = "ssh"
}

data "iptables_rules" "by_hand" {
  host      = "web1.example.com"
  unmanaged = true
  managed   = iptables_service.ssh.rules
}

output "by_hand" {
  value = data.iptables_rules.by_hand.rules
}
