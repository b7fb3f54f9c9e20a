# One of each resource, with blocks that a state holds in their own ways. HOST1 and HOST2 are hosts, CLIENT is where
# Terraform runs.

resource "iptables_ip_set" "office" {
  host    = "HOST1"
  name    = "office"
  type    = "hash:net"
  entries = ["203.0.113.0/24", "198.51.100.7"]
}

resource "iptables_service" "ssh" {
  host    = "HOST1"
  name    = "ssh"
  sources = ["CLIENT", "set:${iptables_ip_set.office.name}"]
}

resource "iptables_service" "app" {
  host       = "HOST1"
  name       = "app"
  ports      = ["8080/tcp", "9000-9100/udp"]
  sources    = ["203.0.113.0/24", "2001:db8::/32"]
  log        = {}
  rate_limit = { rate = "10/minute", per_source = true }
}

resource "iptables_default_policy" "input" {
  host       = "HOST1"
  policy     = "DROP"
  icmp       = "ping"
  log        = {}
  depends_on = [iptables_service.ssh]
}

resource "iptables_rule" "gre" {
  host  = "HOST1"
  chain = "INPUT"
  spec  = "-s 203.0.113.7 -p gre -m comment --comment \"tunnel to the office\" -j ACCEPT"
}

resource "iptables_chain" "team" {
  host  = "HOST1"
  name  = "TEAM"
  rules = ["-p tcp -m multiport --dports 22,5432 -j ACCEPT", "-j RETURN"]
  jump_from = {
    chain = "INPUT"
    spec  = "-i eth1"
  }
}

resource "iptables_rule" "forwarded" {
  host  = "HOST1"
  chain = "FORWARD"
  spec  = "-i eth1 -j ACCEPT"
}

resource "iptables_exclusive_rules" "forward" {
  host   = "HOST1"
  chain  = "FORWARD"
  rules  = iptables_rule.forwarded.rules
  ignore = ["-A FORWARD -i tun* *"]
}

resource "iptables_ruleset" "mangle" {
  host = "HOST1"
  ipv4 = <<-EOT
    *mangle
    :PREROUTING ACCEPT [0:0]
    -A PREROUTING -p tcp -m tcp --dport 80 -j MARK --set-mark 1
    COMMIT
  EOT
}

resource "iptables_persistence" "boot" {
  host       = "HOST1"
  depends_on = [iptables_default_policy.input]
}

resource "iptables_firewall" "web" {
  host = "HOST2"
  services = {
    ssh        = { sources = ["CLIENT"] }
    https      = {}
    "8443/tcp" = {}
  }
  default_policy = {
    policy = "DROP"
    icmp   = "ping"
  }
  ignore = ["-A INPUT -s 192.0.2.* -j DROP"]
}
