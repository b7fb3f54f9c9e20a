output "blocked" {
  description = "How many networks each host drops."
  value       = { for host, set in iptables_ip_set.blocklist : host => set.size }
}
