# For everyone. The catalogue knows the port.
resource "iptables_service" "https" {
  host = "web1.example.com"
  name = "https"
}

# For some, at ports of its own, and logged.
resource "iptables_service" "app" {
  host    = "web1.example.com"
  name    = "app"
  ports   = ["8080/tcp", "9000-9100/udp"]
  sources = ["203.0.113.0/24", "2001:db8::/32"]
  log     = {}
}

# For everyone but one network, and not more than ten new connections a minute from one source.
resource "iptables_service" "ssh" {
  host = "web1.example.com"
  name = "ssh"
  rate_limit = {
    rate       = "10/minute"
    per_source = true
  }
}

resource "iptables_service" "no_ssh" {
  host    = "web1.example.com"
  name    = "ssh"
  action  = "drop" # what refuses comes before what accepts
  sources = ["198.51.100.0/24"]
  comment = "ssh refused"
}
