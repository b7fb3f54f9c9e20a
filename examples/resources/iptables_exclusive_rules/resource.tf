resource "iptables_service" "ssh" {
  host    = "web1.example.com"
  name    = "ssh"
  sources = ["203.0.113.0/24"]
}

resource "iptables_service" "https" {
  host = "web1.example.com"
  name = "https"
}

resource "iptables_default_policy" "input" {
  host       = "web1.example.com"
  policy     = "DROP"
  depends_on = [iptables_service.ssh]
}

# And nothing else: what somebody opens by hand shows in the next plan, and the next apply closes it.
resource "iptables_exclusive_rules" "input" {
  host  = "web1.example.com"
  chain = "INPUT"
  rules = concat(
    iptables_service.ssh.rules,
    iptables_service.https.rules,
    iptables_default_policy.input.rules,
  )
  ignore = ["-A INPUT -s 192.0.2.10/32 *"] # the monitoring adds its own
}
