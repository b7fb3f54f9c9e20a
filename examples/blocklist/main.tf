provider "iptables" {
  ssh   = var.ssh
  hosts = var.hosts
}

# One list, on every host. The entries are read from the file when Terraform plans: neither the
# plan nor the state holds 50,000 of them, but says how many there are and which ones change.
resource "iptables_ip_set" "blocklist" {
  for_each = var.hosts

  host         = each.key
  name         = "blocklist"
  type         = "hash:net"
  entries_file = var.networks_file
}

# Dropped before anything else is done with the packet: before connections are tracked, and before
# any rule that accepts. One rule, however long the list is.
resource "iptables_rule" "blocklist" {
  for_each = var.hosts

  host  = each.key
  table = "raw"
  chain = "PREROUTING"
  spec  = "-m set --match-set ${iptables_ip_set.blocklist[each.key].name} src -m comment --comment blocklist -j DROP"
}

# The same set as the source of a service: nobody on the list may even be told that mail is refused.
resource "iptables_service" "mail" {
  for_each = var.hosts

  host    = each.key
  name    = "no mail for the blocklist"
  ports   = ["25/tcp"]
  action  = "drop"
  sources = ["set:${iptables_ip_set.blocklist[each.key].name}"]
}
