import {
  to = iptables_chain.office
  id = "web1.example.com -N OFFICE"
}
