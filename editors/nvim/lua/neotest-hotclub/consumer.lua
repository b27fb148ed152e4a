---A consumer for neotest that shows there what was asked for elsewhere: by :Hotclub, a lens, a save of a watched
---file, another editor, the shell.
---
---    require('neotest').setup({
---      adapters = { require('neotest-hotclub') },
---      consumers = { hotclub = require('neotest-hotclub.consumer') },
---    })
local Run = require('neotest-hotclub.run')
local nio = require('nio')
local plugin = require('hotclub.client')
local positions = require('neotest-hotclub.positions')

---Runs of more tests than this are not shown: neotest does each by itself.
local many = 200

---neotest's name for the adapter of a project, if it has one.
---@async
---@param neotest neotest.Client
---@param root string
---@return string?
local function adapter_of(neotest, root)
  for _, id in ipairs(neotest:get_adapters()) do
    local tree = vim.startswith(id, 'neotest-hotclub') and neotest:get_position(nil, { adapter = id })
    if tree and tree:data().path == root then
      return id
    end
  end
end

---@param neotest neotest.Client
---@return table
return function(neotest)
  local started = false -- before, asking would have neotest read all files
  neotest.listeners.started = function()
    started = true
  end
  plugin.on('run_started', function(run, context)
    if not started or Run.is_asked_for(run.runId) or #run.tests > many then
      return
    end
    nio.run(function()
      local adapter = adapter_of(neotest, context.root)
      for _, test in ipairs(adapter and run.tests or {}) do
        local tree = test.file and neotest:get_position(positions.id(test.file, test.id), { adapter = adapter })
        if tree then
          nio.run(function()
            neotest:run_tree(tree, { adapter = adapter, hotclub = { run = run.runId, client = context.client_id } })
          end)
        end
      end
    end)
  end)
  return {}
end
