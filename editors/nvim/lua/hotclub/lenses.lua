---Code lenses, for those who want them: "▶ Run", with the last verdict, over files, classes and tests.
---Neovim draws them; what a click on one does is in hotclub.commands.
local client = require('hotclub.client')
local config = require('hotclub.config')

local M = {}

local old = not vim.lsp.codelens.enable -- before Neovim 0.12

---Neovim's own vim.lsp.codelens.refresh waits for ever for a server that has ended meanwhile.
---@param bufnr integer
local function ask(bufnr)
  local server = vim.api.nvim_buf_is_loaded(bufnr) and client.get(bufnr)
  if not server then
    return
  end
  local params = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  client.request_of(server, 'textDocument/codeLens', params, function(err, lenses)
    if not err and vim.api.nvim_buf_is_loaded(bufnr) then
      vim.lsp.codelens.on_codelens(nil, lenses, { bufnr = bufnr, client_id = server.id })
    end
  end)
end

---@param bufnr integer
function M.enable(bufnr)
  if not config.get().lenses then
    return
  end
  if not old then
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  vim.api.nvim_create_autocmd({ 'BufEnter', 'CursorHold', 'InsertLeave', 'BufWritePost' }, {
    group = vim.api.nvim_create_augroup('hotclub_lenses_' .. bufnr, {}),
    buffer = bufnr,
    callback = function()
      ask(bufnr)
    end,
  })
  ask(bufnr)
end

client.on('attached', M.enable)

-- From 0.12 on Neovim does this by itself.
client.on('refresh', function(_, context)
  local server = old and config.get().lenses and vim.lsp.get_client_by_id(context.client_id)
  for bufnr in pairs(server and server.attached_buffers or {}) do
    ask(bufnr)
  end
end)

return M
