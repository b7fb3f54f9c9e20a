import {
  to = iptables_firewall.web1
  identity = {
    host = "web1.example.com"
  }
}
