-- For vim.lsp.enable('hotclub'), from Neovim 0.11 on, with require('hotclub').setup({ autostart = false }).
require('hotclub')
return require('hotclub.client').config()
