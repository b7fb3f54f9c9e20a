import {
  to = iptables_exclusive_rules.input
  identity = {
    host  = "web1.example.com"
    chain = "INPUT"
  }
}
