# The host, a blank, and a name of the catalogue, a port, or a line as iptables -S prints it.
terraform import iptables_service.https 'web1.example.com https'
terraform import iptables_service.app 'web1.example.com 8080/tcp'
