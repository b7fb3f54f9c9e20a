import {
  to = iptables_persistence.web1
  identity = {
    host = "web1.example.com"
  }
}
