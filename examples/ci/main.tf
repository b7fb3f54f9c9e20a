# How to log in says the environment: IPTABLES_SSH_USER, IPTABLES_SSH_PRIVATE_KEY, IPTABLES_SSH_KNOWN_HOSTS_FILES.
provider "iptables" {
  hosts = merge(values(var.waves)...)
}

# One module for each wave, so that a pipeline can apply them one after the other:
#   terraform plan -target='module.wave["canary"]'
module "wave" {
  source   = "./hosts"
  for_each = var.waves

  hosts          = keys(each.value)
  services       = var.services
  admin_networks = var.admin_networks
}
