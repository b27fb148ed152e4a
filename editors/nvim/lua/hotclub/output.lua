---The window below in which logs and explanations are shown. It opens when it is asked for, and the
---cursor stays where it is.
local client = require('hotclub.client')
local config = require('hotclub.config')
local message = require('hotclub.message')
local runs = require('hotclub.runs')

local M = {}

local bufnr ---@type integer?

---The test whose log is shown, if one is: it is shown anew when it has run again.
local followed ---@type { id: string, client_id: integer }?

---@return integer
local function buffer()
  if bufnr and vim.api.nvim_buf_is_valid(bufnr) then
    return bufnr
  end
  bufnr = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_name(bufnr, 'hotclub://output')
  vim.bo[bufnr].filetype = 'hotclub'
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = bufnr, desc = 'close the window' })
  vim.keymap.set('n', '<CR>', M.jump, { buffer = bufnr, desc = 'go to the line of the traceback' })
  return bufnr
end

---@return integer? window that shows it on this tab page
local function window()
  for _, each in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    if bufnr and vim.api.nvim_win_get_buf(each) == bufnr then
      return each
    end
  end
end

---@param enter boolean
local function open(enter)
  local shown = window()
  if not shown then
    shown = vim.api.nvim_open_win(buffer(), false, { split = 'below', win = -1, height = config.get().output.height })
    local options = vim.wo[shown]
    options.number, options.relativenumber, options.wrap, options.winfixheight = false, false, false, true
    options.signcolumn, options.spell = 'no', false
  end
  if enter then
    vim.api.nvim_set_current_win(shown)
  end
  return shown
end

---Shows lines.
---@param lines string[]
---@param enter? boolean the cursor goes there; default: as configured
function M.show(lines, enter)
  local target = buffer()
  vim.bo[target].modifiable = true
  vim.api.nvim_buf_set_lines(target, 0, -1, false, lines)
  vim.bo[target].modifiable = false
  if enter == nil then
    enter = config.get().output.enter
  end
  vim.api.nvim_win_set_cursor(open(enter), { 1, 0 })
end

---Shows a document of the server's.
---@param uri string
---@return boolean shown
function M.show_document(uri)
  local ok, lines = pcall(vim.fn.readfile, vim.uri_to_fname(uri))
  if ok then
    M.show(lines)
  end
  return ok
end

---Has the server show something in this window.
---@param server vim.lsp.Client
---@param command string
---@param argument? table
function M.ask(server, command, argument)
  followed = nil
  client.request_of(
    server,
    'workspace/executeCommand',
    { command = command, arguments = { argument or vim.empty_dict() } },
    function(err)
      if err then
        message.fail(err.message)
      end
    end
  )
end

---Shows the log of a test: verdict, tracebacks, what it printed; now and whenever it has run again.
---@param server vim.lsp.Client
---@param id string
function M.follow(server, id)
  M.ask(server, 'hotclub.showOutput', { id = id })
  followed = { id = id, client_id = server.id }
end

---Shows why a test stands where it does.
---@param server vim.lsp.Client
---@param id string
function M.explain(server, id)
  followed = nil
  client.request_of(server, 'hotclub/explain', { id = id }, function(err, answer)
    if err then
      return message.fail(err.message)
    end
    M.show(vim.split(vim.trim(answer.text), '\n'))
  end)
end

---Goes to the line of the traceback under the cursor, in the window that the cursor was in before.
function M.jump()
  local file, line = vim.api.nvim_get_current_line():match('File "(.-)", line (%d+)')
  if not file or not vim.uv.fs_stat(file) then
    return message.info('there is no line of a traceback here')
  end
  vim.cmd.wincmd('p')
  vim.cmd.edit(vim.fn.fnameescape(file))
  local last = vim.api.nvim_buf_line_count(0)
  vim.api.nvim_win_set_cursor(0, { math.min(tonumber(line) or 1, last), 0 })
end

runs.on_change(function(run)
  local server = followed and vim.lsp.get_client_by_id(followed.client_id)
  if server and run.outcome and run.tests[followed.id] and window() then
    M.follow(server, followed.id)
  end
end)

return M
