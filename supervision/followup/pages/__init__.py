"""The pages of the room: board and list, one case, what is done to it, and handing over."""
