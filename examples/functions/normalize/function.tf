# "-p tcp -m tcp --dport 443 -j ACCEPT"
output "spec" {
  value = provider::iptables::normalize("-p tcp --dport https -j ACCEPT")
}

# "ip6tables -t nat -A PREROUTING -p tcp -m tcp --dport 80 -j REDIRECT --to-ports 8080"
output "line" {
  value = provider::iptables::normalize("ip6tables -t nat -A PREROUTING -p tcp --dport http -j REDIRECT --to-port 8080")
}

# As iptables 1.8.11 prints what others print as "-p gre -j ACCEPT":
# "-p 47 -j ACCEPT"
output "newer" {
  value = provider::iptables::normalize("-p gre -j ACCEPT", { version = "1.8.11" })
}
