# Everything is dropped, and nobody thought of ssh.
resource "iptables_default_policy" "input" {
  host   = "web1"
  policy = "DROP"
}
