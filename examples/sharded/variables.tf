variable "shards" {
  description = "How many shards the fleet has. With another number most hosts belong to another shard."
  type        = number
  default     = 3
}

variable "shard" {
  description = "Which of them this is, from 0."
  type        = number
}

variable "hosts" {
  description = "The whole fleet, the same for every shard: where each host is, and whether it is among the first to get a change."
  type = map(object({
    address = string
    canary  = optional(bool, false)
  }))
  default = {
    edge1 = { address = "192.0.2.1", canary = true }
    edge2 = { address = "192.0.2.2", canary = true }
    edge3 = { address = "192.0.2.3" }
    edge4 = { address = "192.0.2.4" }
    edge5 = { address = "192.0.2.5", canary = true }
    edge6 = { address = "192.0.2.6" }
  }
}

variable "collector" {
  description = "The address of the host that takes the measurements of all others."
  type        = string
  default     = "192.0.2.100"
}

variable "services" {
  description = "What every host of the fleet lets in."
  type = map(object({
    ports   = optional(list(string))
    sources = optional(list(string))
  }))
  default = {
    ssh   = { sources = ["203.0.113.0/24"] }
    https = {}
  }
}

variable "wave" {
  description = "\"canary\" changes the canaries and no other host; \"all\" goes on with the others, if the canaries are well."
  type        = string
  default     = "all"

  validation {
    condition     = contains(["canary", "all"], var.wave)
    error_message = "A wave is \"canary\" or \"all\"."
  }
}

variable "ssh" {
  description = "How to log in. By default as root, with the keys of your SSH agent."
  type = object({
    user              = optional(string)
    private_key_file  = optional(string)
    known_hosts_files = optional(list(string))
  })
  default = {}
}
