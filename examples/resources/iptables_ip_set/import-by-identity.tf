import {
  to = iptables_ip_set.office
  identity = {
    host = "web1.example.com"
    name = "office"
  }
}
