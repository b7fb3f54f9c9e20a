# A ruleset that is kept as a file. What Docker, fail2ban and the like have on the host stays.
resource "iptables_ruleset" "web1" {
  host = "web1.example.com"
  ipv4 = <<-EOT
    *filter
    :INPUT DROP [0:0]
    :FORWARD DROP [0:0]
    :OUTPUT ACCEPT [0:0]
    -A INPUT -i lo -j ACCEPT
    -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT
    -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT
    COMMIT
  EOT
  # or as a file of its own: ipv4 = file("${path.module}/web1.v4")

  ignore = ["monitoring-*", "-A INPUT -i wg0 *"] # besides what other software has
}
