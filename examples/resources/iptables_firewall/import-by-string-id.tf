import {
  to = iptables_firewall.web1
  id = "web1.example.com firewall"
}
