resource "iptables_service" "ssh" {
  host    = "web1.example.com"
  name    = "ssh"
  sources = ["203.0.113.0/24"]
}

# The host comes up with this firewall, before its network does. What it has for that is
# enabled; a host that has nothing gets a small unit.
resource "iptables_persistence" "web1" {
  host    = "web1.example.com"
  backups = 10
}
