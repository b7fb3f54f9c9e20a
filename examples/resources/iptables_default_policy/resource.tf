resource "iptables_service" "ssh" {
  host    = "web1.example.com"
  name    = "ssh"
  sources = ["203.0.113.0/24"]
}

# What no rule allows is dropped. Loopback, replies and essential ICMP are kept.
resource "iptables_default_policy" "input" {
  host   = "web1.example.com"
  policy = "DROP"
  icmp   = "ping"
  log    = {}

  # ssh is allowed before everything else is refused.
  depends_on = [iptables_service.ssh]
}

# This host is no router. A rule at the end says so, and the kernel's policy stays what it is.
resource "iptables_default_policy" "forward" {
  host   = "web1.example.com"
  chain  = "FORWARD"
  policy = "DROP"
  method = "rule"
}
