import {
  to = iptables_service.https
  identity = {
    host    = "web1.example.com"
    service = "https"
  }
}
