terraform {
  required_providers {
    iptables = {
      source = "vpsfirewall/iptables"
    }
  }
}

variable "ssh" {
  type = any
}

variable "hosts" {
  type = any
}

provider "iptables" {
  ssh   = var.ssh
  hosts = var.hosts
}
