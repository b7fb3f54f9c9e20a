# ssh for the office, web for everyone, two ports of an application for some; all else is dropped.
resource "iptables_firewall" "web1" {
  host = "web1.example.com"

  services = {
    ssh   = { sources = ["203.0.113.0/24", "2001:db8::/32"] }
    http  = {}
    https = {}
    app = {
      ports   = ["8080/tcp", "9000-9100/udp"]
      sources = ["203.0.113.0/24"]
      log     = {}
    }
  }

  default_policy = {
    policy    = "DROP"
    icmp      = "ping"
    ping_rate = "5/second"
  }
}

# Nothing but what is named here: a port that was opened by hand is closed by the next apply.
resource "iptables_firewall" "db1" {
  host = "db1.example.com"

  services = {
    ssh        = { sources = ["203.0.113.0/24"], rate_limit = { rate = "10/minute", per_source = true } }
    postgresql = { sources = ["198.51.100.0/24"] }
    "8443/tcp" = {} # a port without a name: its rules have no comment
  }

  default_policy = { policy = "DROP" }

  exclusive = true
  ignore    = ["-A INPUT -s 192.0.2.* -j DROP"]
}
