# A chain of one's own, and the way into it.
resource "iptables_chain" "office" {
  host = "web1.example.com"
  name = "OFFICE"
  rules = [
    "-p tcp -m multiport --dports 22,5432 -j ACCEPT",
    "-4 -p icmp --icmp-type echo-request -j ACCEPT", # begins with -4: ip6tables would refuse it
    "-j LOG --log-prefix \"OFFICE: \"",
    "-j RETURN",
  ]
  jump_from = {
    chain = "INPUT"
    spec  = "-i eth1"
  }
}

# Other rules may jump there, too.
resource "iptables_rule" "vpn" {
  host  = "web1.example.com"
  chain = "INPUT"
  spec  = "-i wg0 -j ${iptables_chain.office.name}"
}

# A built-in chain. What Docker, fail2ban and the like put there stays.
resource "iptables_chain" "forward" {
  host   = "web1.example.com"
  name   = "FORWARD"
  policy = "DROP"
  rules = [
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-i eth1 -o eth0 -j ACCEPT",
  ]
  ignore = ["-A FORWARD -i tun* *"] # the VPN's own lines
}

# One of another table, for IPv4 only.
resource "iptables_chain" "postrouting" {
  host     = "web1.example.com"
  table    = "nat"
  name     = "POSTROUTING"
  families = ["ipv4"]
  rules    = ["-s 10.0.0.0/8 -o eth0 -j MASQUERADE"]
}
