# ["53/tcp", "53/udp"]
output "dns" {
  value = provider::iptables::service("dns")
}
