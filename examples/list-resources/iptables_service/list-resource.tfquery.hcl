# What does this host offer? terraform query -generate-config-out=services.tf
# writes the configuration of it, with an import block for each.
list "iptables_service" "all" {
  provider = iptables

  config {
    host = "web1.example.com"
  }
}

# Who may reach the database, on two hosts?
list "iptables_service" "postgresql" {
  for_each = toset(["web1.example.com", "db1.example.com"])
  provider = iptables

  config {
    host = each.key
    port = "5432/tcp"
  }
}
