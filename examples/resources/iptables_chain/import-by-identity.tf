import {
  to = iptables_chain.office
  identity = {
    host = "web1.example.com"
    name = "OFFICE"
  }
}
