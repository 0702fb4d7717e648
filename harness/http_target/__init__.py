"""An application behind HTTP: asked as its front end asks it, and held to what its API promises."""
