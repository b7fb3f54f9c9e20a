import {
  to = iptables_persistence.web1
  id = "web1.example.com"
}
