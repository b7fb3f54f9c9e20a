import {
  to = iptables_rule.gre
  id = "web1.example.com -A INPUT -s 203.0.113.7/32 -p gre -m comment --comment \"tunnel to the office\" -j ACCEPT"
}
