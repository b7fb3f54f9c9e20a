# Whatever iptables accepts.
resource "iptables_rule" "gre" {
  host  = "web1.example.com"
  chain = "INPUT"
  spec  = "-s 203.0.113.7 -p gre -m comment --comment \"tunnel to the office\" -j ACCEPT"
}

# Any table. This one has an IPv4 address in it, and so is for IPv4 only.
resource "iptables_rule" "forwarded_web" {
  host  = "web1.example.com"
  table = "nat"
  chain = "PREROUTING"
  spec  = "-i eth0 -p tcp --dport 80 -j DNAT --to-destination 10.0.0.5:8080"
}

# In front of rules without a priority (1000).
resource "iptables_rule" "early" {
  host     = "web1.example.com"
  chain    = "INPUT"
  spec     = "-s 198.51.100.0/24 -j DROP"
  priority = 100
}
