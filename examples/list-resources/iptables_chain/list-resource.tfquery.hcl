list "iptables_chain" "all" {
  provider = iptables

  config {
    host = "web1.example.com"
  }
}

list "iptables_chain" "nat" {
  provider = iptables

  config {
    host  = "web1.example.com"
    table = "nat"
  }
}
