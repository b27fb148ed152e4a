-- What the scripts share. Nothing here is a plugin: vim.lsp.start and Neovim's own functions.
local M = {}

vim.g.loaded_python3_provider = 0
vim.o.swapfile = false

-- A wait ends as soon as its condition holds. Nothing takes nearly so long.
local patience = 30000

function M.wait(what, holds)
  if not vim.wait(patience, holds, 10) then
    error(what .. ' did not come to pass\nlenses: ' .. vim.inspect(M.titles()) .. '\ndiagnostics: '
      .. vim.inspect(vim.diagnostic.get()) .. '\nmessages: ' .. vim.api.nvim_exec2('messages', { output = true }).output)
  end
end

-- enter edits a file of the project.
function M.enter(file)
  vim.cmd.edit(assert(vim.env.PROJECT) .. '/' .. file)
  M.buffer = vim.api.nvim_get_current_buf()
  vim.bo.filetype = 'python'
end

-- open edits a file of the project and starts its server, as an ftplugin would.
function M.open(file)
  M.enter(file)
  M.client = vim.lsp.start({
    name = 'hotclub',
    cmd = { assert(vim.env.HOTCLUB), 'lsp' },
    root_dir = vim.env.PROJECT,
    init_options = { trusted = true, python = vim.env.PYTHON },
  })
  M.wait('the server', function()
    return vim.lsp.get_client_by_id(M.client).initialized
  end)
  if vim.lsp.codelens.enable then -- Neovim 0.12
    vim.lsp.codelens.enable(true, { bufnr = M.buffer })
  else
    M.ask()
  end
end

-- ask asks for lenses. From 0.12 on Neovim does so by itself, whenever the server wants it to.
function M.ask()
  if not vim.lsp.codelens.enable then
    vim.lsp.codelens.refresh({ bufnr = M.buffer })
  end
end

-- titles are those of the lenses, by line from 0.
function M.titles()
  local found = {}
  local old = not vim.lsp.codelens.enable
  for _, entry in ipairs(vim.lsp.codelens.get(old and M.buffer or { bufnr = M.buffer })) do
    local lens = entry.lens or entry
    if lens.command then
      local line = lens.range.start.line
      found[line] = found[line] and found[line] .. ' | ' .. lens.command.title or lens.command.title
    end
  end
  return found
end

function M.line(text)
  for number, line in ipairs(vim.api.nvim_buf_get_lines(M.buffer, 0, -1, false)) do
    if line:find(text, 1, true) then
      return number - 1
    end
  end
  error('there is no line with ' .. text)
end

-- lens waits until the lens at a line has something in its title.
function M.lens(text, wanted)
  local line = M.line(text)
  M.wait('the lens "' .. wanted .. '" at ' .. text, function()
    return ((M.titles()[line] or ''):find(wanted, 1, true)) ~= nil
  end)
end

-- run clicks on the lens at a line.
function M.run(text)
  vim.api.nvim_win_set_cursor(0, { M.line(text) + 1, 4 })
  vim.lsp.codelens.run()
end

-- diagnostics waits until there are so many.
function M.diagnostics(count)
  M.wait(count .. ' diagnostics', function()
    return #vim.diagnostic.get(M.buffer) == count
  end)
  return vim.diagnostic.get(M.buffer)
end

-- replace changes a text and saves the file.
function M.replace(old, new)
  local line = M.line(old)
  local text = vim.api.nvim_buf_get_lines(M.buffer, line, line + 1, false)[1]
  local from, to = text:find(old, 1, true)
  vim.api.nvim_buf_set_text(M.buffer, line, from - 1, line, to, { new })
  vim.cmd('silent write')
end

-- command has the server carry out a command.
function M.command(name, argument)
  local done
  local client = vim.lsp.get_client_by_id(M.client)
  local params = { command = name, arguments = { argument } }
  local function answered(err)
    assert(not err, vim.inspect(err))
    done = true
  end
  if vim.fn.has('nvim-0.11') == 1 then
    client:request('workspace/executeCommand', params, answered, M.buffer)
  else
    client.request('workspace/executeCommand', params, answered, M.buffer)
  end
  M.wait('the answer to ' .. name, function()
    return done
  end)
end

return M
