list "iptables_ip_set" "all" {
  provider = iptables
  limit    = 20

  config {
    host = "web1.example.com"
  }
}
