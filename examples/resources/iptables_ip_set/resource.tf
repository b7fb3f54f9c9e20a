resource "iptables_ip_set" "office" {
  host    = "web1.example.com"
  name    = "office"
  type    = "hash:net"
  entries = ["203.0.113.0/24", "198.51.100.7"]
}

# ssh from the office only. The reference makes the set before the rule, in one apply.
resource "iptables_service" "ssh" {
  host    = "web1.example.com"
  name    = "ssh"
  sources = ["set:${iptables_ip_set.office.name}"]
}

# Long lists come from a file, one entry a line.
resource "iptables_ip_set" "blocklist" {
  host         = "web1.example.com"
  name         = "blocklist"
  type         = "hash:net"
  maxelem      = 200000
  entries_file = "${path.module}/networks.txt"
}

# A set that rules fill: whoever knocks at port 23 is a member for an hour.
resource "iptables_ip_set" "knockers" {
  host    = "web1.example.com"
  name    = "knockers"
  type    = "hash:ip"
  timeout = 3600
}

resource "iptables_rule" "knock" {
  host     = "web1.example.com"
  chain    = "INPUT"
  families = ["ipv4"]
  spec     = "-p tcp --dport 23 -j SET --add-set ${iptables_ip_set.knockers.name} src --exist"
}
