import {
  to = iptables_default_policy.input
  identity = {
    host  = "web1.example.com"
    chain = "INPUT"
  }
}
