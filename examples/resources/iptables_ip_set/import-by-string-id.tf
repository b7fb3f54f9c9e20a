import {
  to = iptables_ip_set.office
  id = "web1.example.com create office"
}
