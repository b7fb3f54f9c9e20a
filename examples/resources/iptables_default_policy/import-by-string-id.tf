import {
  to = iptables_default_policy.input
  id = "web1.example.com -P INPUT DROP"
}
