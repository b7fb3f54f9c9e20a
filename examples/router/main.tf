provider "iptables" {
  ssh = var.ssh
}

# What goes through the router, in this order and nothing else. Docker's, fail2ban's and a VPN's lines stay.
resource "iptables_chain" "forward" {
  host   = var.host
  name   = "FORWARD"
  policy = "DROP"
  rules = [
    "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
    "-m conntrack --ctstate INVALID -j DROP",
    "-i ${var.lan} -o ${var.wan} -j ACCEPT",
    "-i ${var.wan} -o ${var.lan} -m conntrack --ctstate DNAT -j ACCEPT", # what is forwarded below
    "-6 -p ipv6-icmp -m icmp6 --icmpv6-type packet-too-big -j ACCEPT",
    "-m limit --limit 10/minute -j LOG --log-prefix \"FORWARD DROP: \"",
  ]
}

# The network behind the router shares its address. The spec names IPv4 addresses, and so is for IPv4 only.
resource "iptables_rule" "masquerade" {
  host  = var.host
  table = "nat"
  chain = "POSTROUTING"
  spec  = "-s ${var.network} -o ${var.wan} -j MASQUERADE"
}

# One chain holds all port forwards; the jump to it is only for what is addressed to the router itself.
resource "iptables_chain" "forwards" {
  host     = var.host
  table    = "nat"
  name     = "FORWARDS"
  families = ["ipv4"]
  rules = [
    for name, f in var.forwards :
    "-p ${f.protocol} --dport ${f.port} -m comment --comment ${name} -j DNAT --to-destination ${f.to}"
  ]
  jump_from = {
    chain = "PREROUTING"
    spec  = "-i ${var.wan} -m addrtype --dst-type LOCAL"
  }
}

# Lines with less room than an Ethernet (PPPoE, tunnels) need it.
resource "iptables_rule" "clamp" {
  host  = var.host
  table = "mangle"
  chain = "FORWARD"
  spec  = "-o ${var.wan} -p tcp --syn -j TCPMSS --clamp-mss-to-pmtu"
}
