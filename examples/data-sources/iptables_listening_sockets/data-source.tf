data "iptables_listening_sockets" "web1" {
  host = "web1.example.com"
}

# What the guide's `netstat -an` is for, with the firewall's word on it.
output "exposed" {
  value = [
    for s in data.iptables_listening_sockets.web1.sockets :
    "${s.process == null ? "?" : s.process} on ${s.port}/${s.protocol} (${s.family})" if s.reachable_from == "world"
  ]
}

# Ports that are open although nothing listens there.
output "silent" {
  value = data.iptables_listening_sockets.web1.silent_ports[*].ports
}
