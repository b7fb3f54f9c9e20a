provider "iptables" {
  ssh = {
    user             = "deploy" # becomes root by sudo
    private_key_file = "~/.ssh/id_ed25519"
  }

  # Only hosts that differ from that need to be listed.
  hosts = {
    db1 = {
      address      = "203.0.113.7"
      port         = 2222
      bastion_host = "bastion.example.com"
    }
  }
}

resource "iptables_service" "ssh" {
  for_each = toset(["web1.example.com", "db1"])

  host    = each.key
  name    = "ssh"
  sources = ["198.51.100.0/24"]
}
