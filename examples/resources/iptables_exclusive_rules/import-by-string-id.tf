import {
  to = iptables_exclusive_rules.input
  id = "web1.example.com -S INPUT"
}
