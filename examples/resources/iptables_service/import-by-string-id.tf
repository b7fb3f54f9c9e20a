import {
  to = iptables_service.https
  id = "web1.example.com https"
}
