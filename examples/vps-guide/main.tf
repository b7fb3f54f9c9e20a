provider "iptables" {
  ssh = var.ssh
}

# What may come in, from everywhere.
resource "iptables_service" "allowed" {
  for_each = toset(["ssh", "http", "https", "smtp", "pop3", "imap"])

  host = var.host
  name = each.key
}

# Replies to this server's own mail and name lookups, as the guide writes them: by source port.
# Whoever sends from these ports passes, to any port. The default policy below keeps replies by
# connection (`established`), so that today these three can be left out.
resource "iptables_rule" "replies" {
  for_each = {
    smtp-replies    = "-p tcp --sport 25"
    dns-replies-tcp = "-p tcp --sport 53"
    dns-replies-udp = "-p udp --sport 53"
  }

  host  = var.host
  chain = "INPUT"
  spec  = "${each.value} -m comment --comment ${each.key} -j ACCEPT"
}

# Localhost, ping, and at the very end `-A INPUT -j DROP`. The chain's own policy stays as it is.
resource "iptables_default_policy" "input" {
  host   = var.host
  policy = "DROP"
  method = "rule"
  icmp   = "ping"

  depends_on = [iptables_service.allowed, iptables_rule.replies]
}
