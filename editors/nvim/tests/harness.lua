-- What the journeys share: a Neovim with the plugin and nothing else, on a project that $PROJECT names.
local M = {}

vim.g.loaded_python3_provider = 0 -- looking for it takes seconds
vim.o.swapfile = false

local plugin = vim.fs.dirname(vim.fs.dirname(debug.getinfo(1, 'S').source:sub(2)))
vim.opt.runtimepath:prepend(plugin)
vim.cmd.source(plugin .. '/plugin/hotclub.lua')

M.project = assert(vim.env.PROJECT)
M.binary = assert(vim.env.HOTCLUB)
vim.cmd.cd(M.project)

-- A wait ends as soon as its condition holds. Nothing takes nearly so long.
local patience = 30000

-- All that the plugin has said by vim.notify, and the choices that it has asked for.
M.said = {}
vim.notify = function(text)
  table.insert(M.said, text)
end

function M.screen_state()
  return vim.inspect({
    said = M.said,
    signs = M.signs(),
    diagnostics = vim.diagnostic.get(0),
    messages = vim.api.nvim_exec2('messages', { output = true }).output,
  })
end

function M.wait(what, holds)
  if not vim.wait(patience, holds, 5) then
    error(what .. ' did not come to pass\n' .. M.screen_state(), 2)
  end
end

function M.check(what, holds)
  if not holds then
    error(what .. ' does not hold\n' .. M.screen_state(), 2)
  end
end

-- setup is the configuration of a person, with the binary and the interpreter under test.
function M.setup(options)
  require('hotclub').setup(vim.tbl_extend('force', {
    cmd = { M.binary, 'lsp' },
    python = vim.env.PYTHON,
    trusted = true,
  }, options or {}))
end

-- write makes a file of the project.
function M.write(name, text)
  vim.fn.writefile(vim.split(text, '\n'), M.project .. '/' .. name)
end

-- open edits a file of the project, whose server starts with it.
function M.open(name)
  vim.cmd.edit(M.project .. '/' .. name)
  if vim.bo.filetype ~= 'python' then
    vim.bo.filetype = 'python'
  end
  M.buffer = vim.api.nvim_get_current_buf()
end

function M.client()
  return require('hotclub.client').get(M.buffer)
end

function M.ready()
  M.wait('the server', function()
    return M.client() and M.client().initialized
  end)
end

-- line is that of a text, from 0.
function M.line(text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(M.buffer, 0, -1, false)) do
    if line:find(text, 1, true) then
      return number - 1
    end
  end
  error('there is no line with ' .. text)
end

function M.go(text)
  vim.api.nvim_win_set_cursor(0, { M.line(text) + 1, 4 })
end

local function text_of(chunks)
  return table.concat(vim.tbl_map(function(chunk)
    return chunk[1]
  end, chunks or {}))
end

-- signs are what is drawn in the buffer, by line from 0: { sign, text }.
function M.signs(namespace)
  namespace = namespace or require('hotclub.marks').namespace
  local found = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(M.buffer or 0, namespace, 0, -1, { details = true })) do
    local line, details = mark[2], mark[4]
    local here = found[line] or { sign = '', text = '' }
    here.sign = here.sign .. vim.trim(details.sign_text or '')
    here.text = here.text .. vim.trim(text_of(details.virt_text))
    found[line] = here
  end
  return found
end

-- sign waits until a sign stands beside a line, and a text behind it if one is given.
function M.sign(at, sign, text)
  M.wait(('the sign %s at %s'):format(sign, at), function()
    local here = M.signs()[M.line(at)]
    return here and here.sign == sign and (not text or here.text:find(text, 1, true) ~= nil)
  end)
end

-- heard waits until the plugin has said something.
function M.heard(text)
  M.wait('the message "' .. text .. '"', function()
    return table.concat(M.said, '\n'):find(text, 1, true) ~= nil
  end)
end

-- finished waits for the end of what an action begins, and returns the run.
function M.finished(action)
  M.wait('the end of the runs before', function()
    return #require('hotclub.runs').open() == 0
  end)
  local before = require('hotclub.runs').last()
  action()
  M.wait('the end of a run', function()
    return require('hotclub.runs').last() ~= before
  end)
  return require('hotclub.runs').last()
end

local slow = [[
import time, unittest

class Slow(unittest.TestCase):
    def test_slow(self):
        time.sleep(300)
]]

-- begin_slow_test runs a test of a file of its own, app/tests_slow.py, that goes on and on.
function M.begin_slow_test()
  M.write('app/tests_slow.py', slow)
  M.open('app/tests_slow.py')
  M.ready()
  M.go('def test_slow')
  vim.cmd('Hotclub nearest')
  M.sign('def test_slow', '▸')
end

-- replace changes a text of the buffer; the file is not saved.
function M.replace(old, new)
  local line = M.line(old)
  local text = vim.api.nvim_buf_get_lines(M.buffer, line, line + 1, false)[1]
  local from, to = text:find(old, 1, true)
  vim.api.nvim_buf_set_text(M.buffer, line, from - 1, line, to, { new })
end

-- screen is what a person sees, without the rows of the command line.
function M.screen()
  vim.cmd('redraw!')
  local rows = {}
  for row = 1, vim.o.lines - 1 do
    local cells = {}
    for column = 1, vim.o.columns do
      cells[column] = vim.fn.screenstring(row, column)
    end
    rows[row] = table.concat(cells):gsub('%s+$', '')
  end
  return (table.concat(rows, '\n'):gsub('[\n~]+$', ''))
end

-- main runs a journey; what goes wrong ends Neovim with status 1 and is told.
function M.main(journey)
  local ok, fault = xpcall(journey, debug.traceback)
  io.stdout:write('\n')
  if not ok then
    io.stderr:write(tostring(fault) .. '\n')
    vim.cmd('cquit 1')
  end
  vim.cmd('qa!')
end

return M
