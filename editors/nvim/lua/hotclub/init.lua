---Hotclub in Neovim: runs the tests of Django projects on warm workers, and shows the verdicts where the
---tests stand. `:help hotclub` tells how it is used; this file wires its parts.
local M = {}

local client = require('hotclub.client')
local config = require('hotclub.config')
local marks = require('hotclub.marks')
local message = require('hotclub.message')
local runs = require('hotclub.runs')
local signs = require('hotclub.signs')
local tests = require('hotclub.tests')

local group = vim.api.nvim_create_augroup('hotclub', {})

---Sets options; see hotclub.Config. It need not be called.
---@param options? hotclub.Config
function M.setup(options)
  for _, fault in ipairs(config.set(options)) do
    message.fail('setup: ' .. fault)
  end
end

---Starts the server for a buffer, if its project has one.
---@param bufnr? integer default: the current one
function M.start(bufnr)
  client.start(bufnr or vim.api.nvim_get_current_buf())
end

---Runs the test or class around the cursor.
function M.nearest()
  runs.nearest()
end

---What goes on, for the status line: `%{v:lua.require'hotclub'.statusline()}`.
---@return string
function M.statusline()
  return require('hotclub.statusline').text()
end

---@param bufnr integer
local function watch_buffer(bufnr)
  marks.refresh(bufnr)
  vim.api.nvim_clear_autocmds({ group = group, buffer = bufnr })
  -- Asking also tells the server what is being worked on: it has that loaded in a worker.
  vim.api.nvim_create_autocmd({ 'BufReadPost', 'BufWritePost', 'BufEnter' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      marks.refresh(bufnr)
    end,
  })
  vim.api.nvim_create_autocmd('BufUnload', {
    group = group,
    buffer = bufnr,
    callback = function()
      tests.forget(bufnr)
      marks.forget(bufnr)
    end,
  })
end

signs.define_highlights()
vim.api.nvim_create_autocmd('ColorScheme', { group = group, callback = signs.define_highlights })
client.on('attached', watch_buffer)

-- While a run goes on, its events tell of the verdicts.
client.on('refresh', function(_, context)
  local server = #runs.open() == 0 and vim.lsp.get_client_by_id(context.client_id)
  for bufnr in pairs(server and server.attached_buffers or {}) do
    if vim.fn.bufwinid(bufnr) ~= -1 then
      marks.refresh(bufnr)
    end
  end
end)

-- These listen to what happens from the beginning.
require('hotclub.commands')
require('hotclub.quickfix')
require('hotclub.lenses')
require('hotclub.statusline')

return M
