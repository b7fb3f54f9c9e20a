data "iptables_host" "web1" {
  host = "web1.example.com"
}

output "web1" {
  value = {
    iptables = "${data.iptables_host.web1.iptables_version} (${data.iptables_host.web1.backend})"
    at_boot  = data.iptables_host.web1.boot_mechanism
    beside   = data.iptables_host.web1.software # ["Docker", "fail2ban"]
  }
}
